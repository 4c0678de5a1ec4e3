/** The one part of the package that we use: its index loads the drivers of a dozen databases, at every start. */
declare module "rate-limiter-flexible/lib/RateLimiterMemory.js" {
  export { RateLimiterMemory as default } from "rate-limiter-flexible";
}
