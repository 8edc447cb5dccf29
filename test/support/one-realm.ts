/**
 * Jest gives tests an `Error` of their own, so that errors of Node's core (a refused or cut connection) are no
 * `instanceof Error` here, though they are in a running server; the SDK then wraps them and drops their `code`.
 * With this they are what they are everywhere else.
 */
const isInstance = Function.prototype[Symbol.hasInstance];

Object.defineProperty(Error, Symbol.hasInstance, {
  configurable: true,
  value(this: unknown, value: unknown): boolean {
    const isNative = this === Error && Object.prototype.toString.call(value) === '[object Error]';
    return isNative || isInstance.call(this, value);
  },
});

export {};
