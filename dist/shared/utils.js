export { t as GitHub } from "./packages.js";
