/** Suites by group, each as its path from the root. */
export const groups: readonly { readonly suites: readonly string[] }[];
