/** Dashes tell the runs apart where colours do not. */
const DASHES = ["none", "7 3", "2 3", "9 3 2 3", "5 2", "1 3"];
const COLOURS = DASHES.length;

/** One for each run; the style sheet has their values for light and dark. More runs than there are colours share them. */
export const runColour = (run: number): string => `var(--run-${run % COLOURS})`;
/** Those that share a colour have other dashes. */
export const runDash = (run: number): string => DASHES[(run + Math.floor(run / COLOURS)) % DASHES.length];
