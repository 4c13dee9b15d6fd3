/**
 * z of the road under the sensor in the streets that the weights learnt from, metres; up to half a metre more or less does little harm.
 * A scan whose road lies elsewhere (`roadHeight` of `point-cloud-io` says where) has to be moved up or down first.
 */
export const learntRoad = -1.69;
