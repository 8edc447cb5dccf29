export interface Claims {
  readonly sub: string;
}

export function claimsOf(authorization?: string): Promise<Claims>;
