/** The first lines of the bundle define these; `recount setup opencode` writes absolute paths there. */
declare const INSTALLED_COMMAND: string;
declare const INSTALLED_DATABASE: string;
