import type { Section } from '../gateway-rows.js';
import { ACCOUNT, TAGS } from './account.js';
import { KEYS, WIRE } from './api-keys.js';
import { AUTHORIZER_ROWS } from './authorizers.js';
import { API_KEYS, AUTHORIZERS, LIMITS, ROUTES } from './calls.js';
import { GATEWAY_RESPONSES, SPOKEN } from './gateway-responses.js';
import { IMPORTS } from './import.js';
import { KEYS_FROM_AUTHORIZERS, REQUEST_AUTHORIZERS, TOKEN_AUTHORIZERS } from './lambda-authorizers.js';
import { PROXY_ANSWERS, PROXY_EVENTS } from './lambda-proxy.js';
import { METHOD_LIMITS } from './limits.js';
import { INTEGRATION_ROWS, METHOD_ROWS } from './methods.js';
import { MOCKS } from './mocks.js';
import { MEMBERSHIPS, PATCHES, PLANS } from './plans.js';
import { RESOURCE_ROWS } from './resources.js';
import { REST_APIS } from './rest-apis.js';
import { DEPLOYMENT_ROWS, STAGE_ROWS } from './stages.js';
import { PERIODS, UPDATES, USAGE } from './usage.js';

/** All that is known, believed or chosen about API Gateway here: one table, to be run and to be printed. */
export const GATEWAY: readonly Section[] = [
  { title: 'API keys', rows: KEYS },
  { title: 'importing API keys', rows: IMPORTS },
  { title: 'the account', rows: ACCOUNT },
  { title: 'tags', rows: TAGS },
  { title: 'the wire', rows: WIRE },
  { title: 'usage plans', rows: PLANS },
  { title: 'patches of usage plans', rows: PATCHES },
  { title: 'usage plan keys', rows: MEMBERSHIPS },
  { title: 'usage reports', rows: USAGE },
  { title: 'setting what is left', rows: UPDATES },
  { title: 'quota periods', rows: PERIODS },
  { title: 'Cognito authorizers', rows: AUTHORIZERS },
  { title: 'keys at the gate', rows: API_KEYS },
  { title: 'throttle and quota', rows: LIMITS },
  { title: 'limits of methods, stages and periods', rows: METHOD_LIMITS },
  { title: 'routes and deployments', rows: ROUTES },
  { title: 'REST APIs', rows: REST_APIS },
  { title: 'resources', rows: RESOURCE_ROWS },
  { title: 'methods', rows: METHOD_ROWS },
  { title: 'integrations', rows: INTEGRATION_ROWS },
  { title: 'authorizers', rows: AUTHORIZER_ROWS },
  { title: 'deployments', rows: DEPLOYMENT_ROWS },
  { title: 'stages', rows: STAGE_ROWS },
  { title: 'gateway responses', rows: GATEWAY_RESPONSES },
  { title: 'refusals in an API’s own words', rows: SPOKEN },
  { title: 'functions that authorize by token', rows: TOKEN_AUTHORIZERS },
  { title: 'functions that authorize by request', rows: REQUEST_AUTHORIZERS },
  { title: 'keys that authorizers name', rows: KEYS_FROM_AUTHORIZERS },
  { title: 'what functions are given', rows: PROXY_EVENTS },
  { title: 'what functions answer', rows: PROXY_ANSWERS },
  { title: 'mocks', rows: MOCKS },
];
