/**
 * For a question that is one of several: a look at the trace, to copy a URI from it, must not lose the answers given so far.
 * Escape turns it away.
 */
export const lasting = { ignoreFocusOut: true } as const;
