/**
 * Requests as API Gateway hands them to a function. The shapes are those of its developer guide: payload format 2.0 on
 * the page `http-api-develop-integrations-lambda`, the event of REST APIs (1.0) on `set-up-lambda-proxy-integrations`.
 * Names, ids and addresses are made up; 203.0.113.0/24 is for documentation.
 */
export interface Sent {
  readonly method?: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether API Gateway took the body for bytes. */
  readonly isBinary?: boolean;
}

export const SOURCE_IP = '203.0.113.9';

/** Version 2.0, of an HTTP API. Header names are in lower case. */
export function httpApiEvent({ method = 'GET', path, query = {}, headers = {}, body, isBinary = false }: Sent) {
  const rawQueryString = new URLSearchParams(query).toString();
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString,
    headers: {
      accept: '*/*',
      'content-length': String(Buffer.byteLength(body ?? '')),
      host: 'abcdef1234.execute-api.us-east-1.amazonaws.com',
      'user-agent': 'a test',
      'x-amzn-trace-id': 'Root=1-67bd0000-0123456789abcdef01234567',
      'x-forwarded-for': SOURCE_IP,
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      ...headers,
    },
    ...(rawQueryString === '' ? {} : { queryStringParameters: query }),
    requestContext: {
      accountId: '123456789012',
      apiId: 'abcdef1234',
      domainName: 'abcdef1234.execute-api.us-east-1.amazonaws.com',
      domainPrefix: 'abcdef1234',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: SOURCE_IP, userAgent: 'a test' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: '$default',
      stage: '$default',
      time: '26/Nov/2026:12:00:00 +0000',
      timeEpoch: 1_795_694_400_000,
    },
    ...(body === undefined ? {} : { body: isBinary ? Buffer.from(body).toString('base64') : body }),
    isBase64Encoded: isBinary,
  };
}

/** Version 1.0, of a REST API behind a greedy resource. Header names are as they were sent, every value comes twice. */
export function restApiEvent({ method = 'GET', path, query = {}, headers = {}, body, isBinary = false }: Sent) {
  const sent = {
    Accept: '*/*',
    Host: 'abcdef1234.execute-api.us-east-1.amazonaws.com',
    'User-Agent': 'a test',
    'X-Amzn-Trace-Id': 'Root=1-67bd0000-0123456789abcdef01234567',
    'X-Forwarded-For': SOURCE_IP,
    'X-Forwarded-Port': '443',
    'X-Forwarded-Proto': 'https',
    ...headers,
  };
  const asLists = (texts: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, [text]]));
  const hasQuery = Object.keys(query).length > 0;
  return {
    resource: '/{proxy+}',
    path,
    httpMethod: method,
    headers: sent,
    multiValueHeaders: asLists(sent),
    queryStringParameters: hasQuery ? query : null,
    multiValueQueryStringParameters: hasQuery ? asLists(query) : null,
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      resourceId: '2gxmpl',
      resourcePath: '/{proxy+}',
      httpMethod: method,
      extendedRequestId: 'JJbxmplHYosFVYQ=',
      requestTime: '26/Nov/2026:12:00:00 +0000',
      path: `/prod${path}`,
      accountId: '123456789012',
      protocol: 'HTTP/1.1',
      stage: 'prod',
      domainPrefix: 'abcdef1234',
      requestTimeEpoch: 1_795_694_400_000,
      requestId: '77375676-xmpl-4b79-853a-f982474efe18',
      identity: { cognitoIdentityId: null, sourceIp: SOURCE_IP, userAgent: 'a test', user: null },
      domainName: 'abcdef1234.execute-api.us-east-1.amazonaws.com',
      apiId: 'abcdef1234',
    },
    body: body === undefined ? null : isBinary ? Buffer.from(body).toString('base64') : body,
    isBase64Encoded: isBinary,
  };
}
