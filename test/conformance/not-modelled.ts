/** What the sandbox leaves out on purpose, beside the operations it does not have. */
export const NOT_MODELLED: readonly string[] = [
  'Cognito: custom and choice-based flows, MFA, passkeys, remembered devices; identity providers and pool domains; client credentials and resource servers; branding; triggers other than PreSignUp, PostConfirmation and PreTokenGeneration (V1_0, V2_0); refusals by risk; mail, which is shown and not sent.',
  'API Gateway: HTTP and AWS integrations, OpenAPI import and export, models and request validators, caches, canaries, resource policies, custom domains, VPC links, client certificates, HTTP APIs and WebSocket APIs.',
  'IAM: a call must be signed, and the signature is not checked; rights are, of callers that a policy is given for, without conditions and variables.',
  'Rates, propagation, late usage reports and eventually consistent lists, unless a habit switches them on.',
  'Everything about how AWS is distributed: throttles and quotas are exact here and best effort there.',
];
