import { Injectable } from '@nestjs/common';
import type { StoredKey } from '../../aws/key-store.js';
import { UsagePlans } from '../../aws/usage-plans.js';
import type { DirectoryUser } from '../../aws/user-directory.js';
import { Clock } from '../../clock.js';
import { Config } from '../../config.js';
import { PlanCatalogue } from '../../plans/plan-catalogue.service.js';
import { FleetIndex } from '../fleet/fleet-index.js';
import { Allowance } from '../reconcile/allowance.service.js';
import { CleanUp } from '../reconcile/clean-up.service.js';
import { DesiredState } from '../reconcile/desired-state.service.js';
import { KeyIdentity } from '../reconcile/key-identity.js';
import { Keyring } from '../reconcile/keyring.service.js';
import { Placement } from '../reconcile/placement.service.js';
import { Provisioning } from '../reconcile/provisioning.service.js';
import { Reconciler } from '../reconcile/reconciler.service.js';
import { Succession } from '../reconcile/succession.service.js';
import { RehearsedDirectory, RehearsedKeys, RehearsedPlans, type Scene } from './rehearsed-ports.js';
import { DriftKind } from './sweep-report.js';

type Intents = Scene['intents'];

/** What only GetApiKey can tell: whether the key was renamed or deleted. */
const NOTED_KEY_NOT_LISTED = {
  kind: DriftKind.KEY_NOT_LISTED,
  text: 'The key noted on the user is not listed under its name: it was renamed or deleted',
};

/** Plays `reconcile` on what was listed: nothing is asked of AWS, and what it would write is what has drifted. */
@Injectable()
export class Rehearsal {
  constructor(
    private readonly usagePlans: UsagePlans,
    private readonly catalogue: PlanCatalogue,
    private readonly identity: KeyIdentity,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /** For one sweep: the same services as ever, put together over ports that only pretend. One customer at a time. */
  begin() {
    let scene: Scene | null = null;
    const stage = (): Scene => {
      if (!scene) throw new Error('Nothing is being rehearsed');
      return scene;
    };
    const { catalogue, config } = this;
    const clock = new Impatient(this.clock);
    const plans = new RehearsedPlans(stage, this.usagePlans);
    const desiredState = new DesiredState(new RehearsedDirectory(stage), this.identity, clock);
    const keyring = new Keyring(new RehearsedKeys(stage), this.identity, clock);
    const allowance = new Allowance(plans, catalogue, keyring, clock, config);
    const placement = new Placement(plans, catalogue, allowance, keyring);
    const cleanUp = new CleanUp(keyring, desiredState, clock);
    const succession = new Succession(keyring, placement, allowance, cleanUp);
    const provisioning = new Provisioning(catalogue, keyring, placement, succession, allowance);
    const reconciler = new Reconciler(desiredState, provisioning, new FleetIndex(clock), clock);
    return async (user: DirectoryUser, keys: readonly StoredKey[], plansOf: Scene['plans']): Promise<Intents> => {
      scene = { user, keys, plans: new Map(plansOf), intents: [] };
      const desired = desiredState.of(user);
      if (!keyring.isNotedKeyListed(desired, keys)) scene.intents.push(NOTED_KEY_NOT_LISTED);
      await reconciler.run(desired);
      return scene.intents;
    };
  }
}

/** The same time as everybody's, with nothing to wait for. */
class Impatient extends Clock {
  constructor(private readonly clock: Clock) {
    super();
  }

  override now(): Date {
    return this.clock.now();
  }

  override async sleep(): Promise<void> {}
}
