/**
 * Every browser calls itself Netscape, and AWS's sign-in library picks its arithmetic by that. Node has a navigator since
 * version 21 that has no such name, and what the library takes then is forty times slower inside of jest.
 */
const { navigator } = globalThis as { readonly navigator?: object };
if (navigator) Object.defineProperty(navigator, 'appName', { value: 'Netscape', configurable: true });

export {};
