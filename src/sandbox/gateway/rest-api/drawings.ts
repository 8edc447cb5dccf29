import type { SandboxClock } from '../../sandbox-clock.js';
import type { GatewayTables } from '../tables.js';
import { Authorizers } from './authorizers.js';
import { Deployments } from './deployments.js';
import { Drafts } from './drafts.js';
import { GatewayResponses } from './gateway-responses.js';
import { Integrations } from './integrations.js';
import { Methods } from './methods.js';
import { Resources } from './resources.js';
import { RestApis } from './rest-apis.js';
import { Stages } from './stages.js';

/** Everything that draws up a REST API and puts it on a stage. */
export class Drawings {
  readonly drafts: Drafts;
  readonly restApis: RestApis;
  readonly resources: Resources;
  readonly methods: Methods;
  readonly integrations: Integrations;
  readonly authorizers: Authorizers;
  readonly deployments: Deployments;
  readonly stages: Stages;
  readonly gatewayResponses: GatewayResponses;

  constructor(tables: GatewayTables, clock: SandboxClock) {
    this.drafts = new Drafts(tables);
    this.restApis = new RestApis(tables, this.drafts, clock);
    this.resources = new Resources(this.drafts);
    this.methods = new Methods(this.drafts);
    this.integrations = new Integrations(this.drafts);
    this.authorizers = new Authorizers(this.drafts);
    this.deployments = new Deployments(this.drafts, clock);
    this.stages = new Stages(this.drafts, clock);
    this.gatewayResponses = new GatewayResponses(this.drafts);
  }

  get operations() {
    return {
      ...this.restApis.operations,
      ...this.resources.operations,
      ...this.methods.operations,
      ...this.integrations.operations,
      ...this.authorizers.operations,
      ...this.deployments.operations,
      ...this.stages.operations,
      ...this.gatewayResponses.operations,
    };
  }
}
