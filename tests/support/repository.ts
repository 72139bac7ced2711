/** Root of the repository, with a slash at its end. */
export const REPOSITORY = new URL("../../", import.meta.url).pathname;
