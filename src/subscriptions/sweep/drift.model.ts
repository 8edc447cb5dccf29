import { createUnionType, Field, Float, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { DateTimeScalar } from '../../scalars.js';
import { SweepUnderWay } from './sweep.problems.js';
import { type Drift, DriftKind, type SweepReport } from './sweep-report.js';

registerEnumType(DriftKind, {
  name: 'DriftKind',
  description: 'What can differ between what is meant and what there is.',
  valuesMap: {
    KEY_MISSING: { description: 'There is a plan and no key.' },
    KEY_TO_RETIRE: { description: 'A key is on that ought to be off.' },
    KEY_NOT_LISTED: { description: 'The key noted on the user was renamed or deleted by hand.' },
    KEY_RENAMED: { description: 'A key bears a name that somebody gave it by hand.' },
    PLAN_NOT_APPLIED: { description: 'A key is not in the plan it belongs in, or in one it does not.' },
    QUOTA_NOT_APPLIED: { description: 'What is left of a quota is not what it should be.' },
    CALLS_NOT_RECORDED: { description: 'Calls made on an earlier key or plan are not written down yet.' },
    ATTRIBUTES_OUT_OF_DATE: { description: 'What the user’s attributes say of the key is out of date.' },
    KEYS_TO_CLEAN_UP: { description: 'Retired keys can be deleted.' },
    USER_NOT_LISTED: { description: 'There are keys of a user who is not in the pool any more.' },
    USER_TO_DELETE: { description: 'A user is there whose deletion was asked for.' },
    PLAN_NOT_SIGNED: {
      description: 'Somebody else wrote the plan on the user: nothing changes until `assignPlan` or `repairUser`.',
    },
    PLAN_UNKNOWN: { description: 'No usage plan, or more than one, bears the code: nothing changes for the user.' },
    FOREIGN_PLAN: { description: 'Somebody put a key of ours into a usage plan that is not ours.' },
  },
});

@ObjectType({ description: 'One difference between what is meant and what there is.' })
export class DriftItem {
  @Field(() => ID, { description: 'The `sub` of the user; who is gone is not found by it.' })
  readonly userId: string;

  @Field(() => String, { nullable: true, description: 'The user name, where one is known.' })
  readonly username: string | null;

  @Field(() => DriftKind, { description: 'What kind of difference it is.' })
  readonly kind: DriftKind;

  @Field(() => String, { description: 'What is the matter, in words, with the key or plan it is about.' })
  readonly text: string;

  constructor({ sub, username, kind, text }: Drift) {
    this.userId = sub;
    this.username = username;
    this.kind = kind;
    this.text = text;
  }
}

@ObjectType({ description: 'What the last sweep, or the last look without a change, found.' })
export class DriftReport {
  @Field(() => DateTimeScalar, { description: 'When it began.' })
  readonly asOf: Date;

  @Field(() => Float, { description: 'How long it took.' })
  readonly seconds: number;

  @Field(() => Boolean, { description: 'Whether it only looked.' })
  readonly isDryRun: boolean;

  @Field(() => Int, { description: 'Users of the pool.' })
  readonly users: number;

  @Field(() => Int, { description: 'API keys of this deployment, retired ones included.' })
  readonly keys: number;

  @Field(() => Int, { description: 'Those of them that are switched on.' })
  readonly enabledKeys: number;

  @Field(() => Int, { description: 'How many differences there are.' })
  readonly driftCount: number;

  @Field(() => [DriftItem], { description: 'The first thousand differences.' })
  readonly drift: readonly DriftItem[];

  @Field(() => Int, { description: 'Users brought to where they should be.' })
  readonly mended: number;

  @Field(() => Int, { description: 'Users left to the next sweep.' })
  readonly unfinished: number;

  @Field(() => Int, {
    description:
      'Keys that would be switched off and are held back, for there are so many: look, and sweep with `confirm`.',
  })
  readonly heldBack: number;

  constructor({ drift, ...report }: SweepReport) {
    this.asOf = report.asOf;
    this.seconds = report.seconds;
    this.isDryRun = report.isDryRun;
    this.users = report.users;
    this.keys = report.keys;
    this.enabledKeys = report.enabledKeys;
    this.driftCount = report.driftCount;
    this.drift = drift.map((item) => new DriftItem(item));
    this.mended = report.mended;
    this.unfinished = report.unfinished;
    this.heldBack = report.heldBack;
  }
}

@ObjectType({ description: 'A sweep, over or going on.' })
export class SweepRun {
  @Field(() => Boolean, {
    description:
      'Whether it is over. If not it goes on: `drift` shows what it found, later. Not on AWS Lambda, where a server stands still once it has answered: there the function `sweep` does it.',
  })
  readonly isFinished: boolean;

  @Field(() => DriftReport, { nullable: true, description: 'What it found and did; null while it goes on.' })
  readonly report: DriftReport | null;

  constructor(report: DriftReport | null) {
    this.isFinished = report !== null;
    this.report = report;
  }
}

export const SweepResult = createUnionType({
  name: 'SweepResult',
  description: 'What `sweep` answers: one type for success, the others say why not.',
  types: () => [SweepRun, SweepUnderWay] as const,
});
