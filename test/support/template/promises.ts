import { UpdateUserAttributesCommand } from '@aws-sdk/client-cognito-identity-provider';
import type { StackCustomer, StackWorld } from './stack-world.js';

type Promised = (customer: StackCustomer, key: string, world: StackWorld) => Promise<boolean>;

/** What a customer, or somebody who would like to be one for nothing, must find behind every stack of the template. */
const PROMISES: Readonly<Record<string, Promised>> = {
  'a call with token and key is served': async (ada, key) => {
    const { status, body } = await ada.call(key);
    return status === 200 && Object(body.claims).sub === ada.sub;
  },
  'the answer holds the id of the key and never its value': async (ada, key) => {
    const { body } = await ada.call(key);
    return typeof body.keyId === 'string' && !JSON.stringify(body).includes(key);
  },
  'a call without a token is refused in our words': async (ada, key) => {
    const { status, body } = await ada.call(key, null);
    return status === 401 && body.code === 'UNAUTHORIZED';
  },
  'a call without a key is refused in our words': async (ada) => {
    const { status, body } = await ada.call(null);
    return status === 403 && body.code === 'INVALID_API_KEY';
  },
  'a page of another site can read an answer and a refusal': async (ada, key) => {
    const replies = [await ada.call(key), await ada.call(null), await ada.call(key, null)];
    return replies.every(({ headers }) => headers.get('access-control-allow-origin') === '*');
  },
  'a browser may ask first, without token and key': async (ada) => {
    const { status, headers } = await ada.preflight();
    return status === 200 && headers.get('access-control-allow-headers') === 'Authorization,Content-Type,X-Api-Key';
  },
  'nobody gives themselves a plan': async ({ accessToken }, _key, { cognito }) => {
    const UserAttributes = [{ Name: 'custom:plan', Value: 'pro' }];
    const wrote = cognito.send(new UpdateUserAttributesCommand({ AccessToken: accessToken, UserAttributes }));
    return wrote.then(() => false).catch((error: unknown) => Object(error).name === 'NotAuthorizedException');
  },
  'free is on offer, and nobody takes a paid plan by themselves': async (ada) => {
    const { plans } = await ada.gql('{ plans { code } }');
    const { subscribe } = await ada.gql('mutation { subscribe(plan: "pro") { ... on Problem { code } } }');
    return JSON.stringify(plans) === '[{"code":"free"}]' && Object(subscribe).code === 'PLAN_NOT_FOR_SALE';
  },
};

/** What the pre-flight finds in a stack, and which promises it does not keep. */
export async function brokenPromises(world: StackWorld): Promise<string[]> {
  const broken: string[] = (await world.look()).findings.map(({ name }) => name);
  const ada = await world.newcomer();
  const key = await ada.issued('subscribe(plan: "free")').catch((error: unknown) => String(error));
  if (typeof key === 'string') return [...broken, key];
  for (const [promise, isKept] of Object.entries(PROMISES)) {
    if (!(await isKept(ada, key.value, world))) broken.push(promise);
  }
  return broken;
}
