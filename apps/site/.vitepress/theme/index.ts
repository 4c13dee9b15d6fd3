import theme from "vitepress/theme-without-fonts";
import "@fontsource-variable/ibm-plex-sans";
import "./style.css";

export default theme;
