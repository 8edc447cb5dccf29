import { invalid } from '../pools.js';

/** AuthParameters and ChallengeResponses. */
export type Parameters = Readonly<Record<string, string>>;

export function required(parameters: Parameters, name: string): string {
  const value = parameters[name];
  if (!value) throw invalid(`Missing required parameter ${name}`);
  return value;
}
