import { ArgsType, Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { PageInfo } from '../paging.js';
import { CountScalar, DateTimeScalar } from '../scalars.js';

export enum AuditSource {
  FILE = 'FILE',
  MEMORY = 'MEMORY',
}
registerEnumType(AuditSource, {
  name: 'AuditSource',
  description: 'Where events were read.',
  valuesMap: {
    FILE: { description: 'The audit file of the process that answers, with the files before it that were kept.' },
    MEMORY: {
      description:
        'No audit file is set: the last 1,000 events of the process that answers, since its start. The log has all.',
    },
  },
});

@ObjectType({ description: 'Who asked for a mutation.' })
export class AuditActor {
  @Field(() => ID, { description: 'The `sub`; compare with `User.id`.' })
  readonly id!: string;

  @Field(() => String, { description: 'The user name in Cognito.' })
  readonly username!: string;

  @Field(() => Boolean, { description: 'Whether the token was that of an admin.' })
  readonly isAdmin!: boolean;
}

@ObjectType({
  description:
    'An argument of a mutation: a code, an id, a number or a switch. Of other texts is kept that they were given.',
})
export class AuditArgument {
  @Field(() => String, { description: 'The name of the argument, or of a member of its `input`.' })
  readonly name!: string;

  @Field(() => String, {
    description:
      'The value; `none` for null or an empty list, `(text)` for words of somebody’s own, `(malformed)` where it had a form that no such value has.',
  })
  readonly text!: string;
}

@ObjectType({ description: 'What was known of the customer. Null = there was none, or it was not known.' })
export class AuditState {
  @Field(() => String, { nullable: true, description: 'The code of the plan.' })
  readonly plan!: string | null;

  @Field(() => String, { nullable: true, description: 'As in `SubscriptionState`.' })
  readonly state!: string | null;

  @Field(() => String, { nullable: true, description: 'As in `SuspensionCode`; null = not suspended.' })
  readonly suspension!: string | null;

  @Field(() => CountScalar, { nullable: true, description: 'Extra calls of the period.' })
  readonly grantedCalls!: number | null;

  @Field(() => ID, { nullable: true, description: 'The id of the key.' })
  readonly keyId!: string | null;

  @Field(() => ID, { nullable: true, description: 'The id of the replaced key, as long as it still works.' })
  readonly overlappingKeyId!: string | null;
}

@ObjectType({ description: 'One mutation and what came of it; refused ones too. It never holds a secret.' })
export class AuditEvent {
  @Field(() => ID, { description: 'The id of the event.' })
  readonly id!: string;

  @Field(() => DateTimeScalar, { description: 'When it was answered.' })
  readonly at!: Date;

  @Field(() => AuditActor, { nullable: true, description: 'Null = there was no valid token.' })
  readonly actor!: AuditActor | null;

  @Field(() => String, { nullable: true, description: 'The address that the request came from.' })
  readonly address!: string | null;

  @Field(() => String, { nullable: true, description: 'What the client says it is, at most 256 characters.' })
  readonly userAgent!: string | null;

  @Field(() => String, { description: 'The name of the mutation; several where they were refused for being several.' })
  readonly mutation!: string;

  @Field(() => ID, { nullable: true, description: 'The `sub` of whom it was about; null = of nobody in particular.' })
  readonly targetId!: string | null;

  @Field(() => [AuditArgument], { description: 'Its arguments, without `userId` and `reason`.' })
  readonly arguments!: readonly AuditArgument[];

  @Field(() => String, { nullable: true, description: 'The reason that an admin gave, at most 500 characters.' })
  readonly reason!: string | null;

  @Field(() => AuditState, { nullable: true, description: 'Null = nothing was looked at, or there was nobody.' })
  readonly before!: AuditState | null;

  @Field(() => AuditState, { nullable: true, description: 'Null = nothing was changed.' })
  readonly after!: AuditState | null;

  @Field(() => [ID], { description: 'The ids of the keys that played a part.' })
  readonly keyIds!: readonly string[];

  @Field(() => String, {
    description: 'The type answered, such as SubscriptionChanged or UnknownPlan; the code of a refusal; or FAULT.',
  })
  readonly outcome!: string;

  @Field(() => String, { nullable: true, description: 'The reference that the caller was shown of a fault.' })
  readonly reference!: string | null;

  @Field(() => String, { description: 'The `x-correlation-id` of the answer; lines of the log have it too.' })
  readonly correlationId!: string;

  @Field(() => [String], { description: 'The ids that AWS gave to the calls made, as in CloudTrail; at most 100.' })
  readonly awsRequestIds!: readonly string[];

  constructor(fields: AuditEvent) {
    Object.assign(this, fields);
  }
}

@ObjectType({ description: 'An event and its place in the list.' })
export class AuditEventEdge {
  @Field(() => String, { description: 'For `after`; of use in the same list only.' })
  readonly cursor!: string;

  @Field(() => AuditEvent, { description: 'The event.' })
  readonly node!: AuditEvent;
}

@ObjectType({ description: 'Events, the newest first.' })
export class AuditEventConnection {
  @Field(() => [AuditEventEdge], { description: 'The events of this page.' })
  readonly edges: readonly AuditEventEdge[];

  @Field(() => PageInfo, { description: 'Where the page ends. Events that come in meanwhile do not move it.' })
  readonly pageInfo: PageInfo;

  @Field(() => AuditSource, { description: 'Where the events were read, which says how far back they can go.' })
  readonly source: AuditSource;

  constructor(edges: readonly AuditEventEdge[], pageInfo: PageInfo, source: AuditSource) {
    this.edges = edges;
    this.pageInfo = pageInfo;
    this.source = source;
  }
}

@ArgsType()
export class AuditEventsArgs {
  @Field(() => ID, {
    nullable: true,
    description: 'The `sub` of somebody: events that are about them, or that they caused. Null = all.',
  })
  readonly userId?: string | null;

  @Field(() => Int, { defaultValue: 50, description: 'How many: 1 to 100.' })
  readonly first!: number;

  @Field(() => String, { nullable: true, description: 'The `endCursor` of the page before.' })
  readonly after?: string | null;
}
