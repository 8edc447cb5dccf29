/** One request and its answer, as they were on the wire. */
export interface Exchange {
  /** The SDK's operation; null for a request without the SDK. */
  readonly operation: string | null;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  readonly replyHeaders: Readonly<Record<string, string>>;
  readonly reply: string;
}
