import type { SandboxFunctions } from '../../../src/sandbox/gateway/data-plane/functions.js';

/** Enough of a Lambda event for the rows' functions. */
export interface FunctionEvent {
  readonly type?: string;
  readonly authorizationToken?: string;
  readonly methodArn?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly queryStringParameters?: Readonly<Record<string, string>> | null;
}

type Heard = (name: string, event: FunctionEvent) => void;

/** `echo` answers with its event, `answer` with what the query says, `authorizer` with what the token asks for. */
export function rowFunctions(heard: Heard): SandboxFunctions {
  return {
    echo: (event: FunctionEvent) => {
      heard('echo', event);
      return { statusCode: 200, body: JSON.stringify(event) };
    },
    answer: ({ queryStringParameters }: FunctionEvent) => JSON.parse(queryStringParameters?.with ?? 'null'),
    failing: () => {
      throw new Error('on purpose');
    },
    endless: () => new Promise(() => {}),
    authorizer: (event: FunctionEvent) => {
      heard('authorizer', event);
      const token = event.authorizationToken ?? event.headers?.authorization ?? event.headers?.Authorization ?? '';
      return verdict(token, event.methodArn ?? '');
    },
  };
}

/** `allow`, `deny`, `nothing`, `all`, `first`, `key <value>`, `context <json>`, `output <json>`, or an error. */
function verdict(token: string, methodArn: string): unknown {
  const [word, ...rest] = token.split(' ');
  const said = rest.join(' ');
  const api = methodArn.split('/').slice(0, 2).join('/');
  switch (word) {
    case 'deny':
      return policy('Deny', methodArn);
    case 'nothing':
      return policy('Allow', `${api}/GET/elsewhere`);
    case 'all':
      return policy('Allow', `${api}/*`);
    case 'key':
      return { ...policy('Allow', methodArn), usageIdentifierKey: said };
    case 'context':
      return { ...policy('Allow', methodArn), context: JSON.parse(said) };
    case 'output':
      return JSON.parse(said.replaceAll('METHOD', methodArn));
    case 'unauthorized':
      throw new Error('Unauthorized');
    case 'broken':
      throw new Error('on purpose');
    default:
      return policy('Allow', methodArn);
  }
}

function policy(Effect: 'Allow' | 'Deny', Resource: string) {
  const Statement = [{ Action: 'execute-api:Invoke', Effect, Resource }];
  return { principalId: 'user-1', policyDocument: { Version: '2012-10-17', Statement } };
}
