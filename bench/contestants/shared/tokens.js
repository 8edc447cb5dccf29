import { CognitoJwtVerifier } from 'aws-jwt-verify';

/*
 * Access tokens checked as the README of aws-jwt-verify shows it. The public keys are the sandbox's and are had once, at the
 * start, as the package would do it with those of AWS.
 */

const { COGNITO_USER_POOL_ID: userPoolId, COGNITO_CLIENT_ID: clientId, COGNITO_JWKS_ORIGIN: origin } = process.env;

const verifier = CognitoJwtVerifier.create({ userPoolId, clientId, tokenUse: 'access' });
verifier.cacheJwks(await (await fetch(`${origin}/${userPoolId}/.well-known/jwks.json`)).json());

/** The claims of the token in the header; rejects when it is not good. */
export async function claimsOf(authorization = '') {
  return verifier.verify(authorization.replace(/^Bearer /, ''));
}
