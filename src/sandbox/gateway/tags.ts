import type {
  GetTagsCommandInput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-api-gateway';
import { badRequest, notFound } from './replies.js';
import type { GatewayTables } from './tables.js';

type Tags = Readonly<Record<string, string>>;

interface Tagged {
  readonly tags: Tags;
  put(tags: Tags): void;
}

/** Tags of keys, plans, APIs and stages, by ARN (`arn:aws:apigateway:<region>::/usageplans/<id>`). */
export class Tagging {
  readonly operations = {
    GetTags: ({ resourceArn }: GetTagsCommandInput) => ({ tags: this.tagged(resourceArn).tags }),
    TagResource: (input: TagResourceCommandInput) => this.tag(input),
    UntagResource: (input: UntagResourceCommandInput) => this.untag(input),
  };

  constructor(private readonly tables: GatewayTables) {}

  private tag({ resourceArn, tags = {} }: TagResourceCommandInput) {
    checkTags(tags);
    const tagged = this.tagged(resourceArn);
    tagged.put({ ...tagged.tags, ...tags });
  }

  private untag({ resourceArn, tagKeys = [] }: UntagResourceCommandInput) {
    const tagged = this.tagged(resourceArn);
    tagged.put(Object.fromEntries(Object.entries(tagged.tags).filter(([key]) => !tagKeys.includes(key))));
  }

  private tagged(arn = ''): Tagged {
    const [, kind, id = '', , stageName] =
      /^arn:aws:apigateway:[^:]*::\/(\w+)\/(\w+)(\/stages\/(.+))?$/.exec(arn) ?? [];
    const found = kind && this.record(kind, id, stageName);
    if (!kind) throw badRequest('Invalid ARN specified in the request');
    if (!found) throw notFound('Resource not found');
    return found;
  }

  private record(kind: string, id: string, stageName: string | undefined): Tagged | undefined {
    const { apiKeys, usagePlans, restApis } = this.tables;
    const key = kind === 'apikeys' ? apiKeys.get(id) : undefined;
    if (key) return { tags: key.tags, put: (tags) => apiKeys.put({ ...key, tags }) };
    const plan = kind === 'usageplans' ? usagePlans.get(id) : undefined;
    if (plan) return { tags: plan.tags, put: (tags) => usagePlans.put(id, { ...plan, tags }) };
    const api = kind === 'restapis' ? restApis.get(id) : undefined;
    if (!api || !stageName) return api && { tags: api.tags, put: (tags) => restApis.put(id, { ...api, tags }) };
    const stage = api.stages[stageName];
    if (!stage) return undefined;
    const put = (tags: Tags) =>
      restApis.put(id, { ...api, stages: { ...api.stages, [stageName]: { ...stage, tags } } });
    return { tags: stage.tags, put };
  }
}

export function checkTags(tags: Tags): void {
  for (const [key, value] of Object.entries(tags)) {
    if (key.length < 1 || key.length > 128 || key.startsWith('aws:'))
      throw badRequest(`Invalid tag key specified: ${key}`);
    if (value.length > 256) throw badRequest(`Invalid tag value specified for ${key}`);
  }
}
