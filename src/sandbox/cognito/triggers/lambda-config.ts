import type { LambdaConfigType } from '@aws-sdk/client-cognito-identity-provider';
import { invokeByArn, type SandboxFunctions } from '../../gateway/data-plane/functions.js';
import { invalid, invalidValue, notModelled } from '../pools.js';
import type { PoolTriggers } from './events.js';

const ARN = /^arn:[\w+=/,.@-]+:[\w+=/,.@-]+:([\w+=/,.@-]*)?:[0-9]+:[\w+=/,.@-]+(:[\w+=/,.@-]+)?(:[\w+=/,.@-]+)?$/;
const MODELLED = ['PreSignUp', 'PostConfirmation', 'PreTokenGeneration', 'PreTokenGenerationConfig'];

/** That a function is there is found out when it is called, as on AWS. */
export function refuseBadLambdaConfig(config: LambdaConfigType = {}): void {
  const other = Object.keys(config).find((name) => !MODELLED.includes(name));
  if (other) throw notModelled(`LambdaConfig.${other}`);
  const { PreSignUp, PostConfirmation, PreTokenGeneration, PreTokenGenerationConfig: versioned } = config;
  const arns = {
    preSignUp: PreSignUp,
    postConfirmation: PostConfirmation,
    preTokenGeneration: PreTokenGeneration,
    'preTokenGenerationConfig.lambdaArn': versioned?.LambdaArn,
  };
  for (const [member, arn] of Object.entries(arns)) {
    if (arn === undefined || ARN.test(arn)) continue;
    throw invalidValue(
      `'${arn}'`,
      `lambdaConfig.${member}`,
      `satisfy regular expression pattern: ${ARN.source.slice(1, -1)}`,
    );
  }
  if (versioned && !['V1_0', 'V2_0'].includes(versioned.LambdaVersion ?? ''))
    throw notModelled(versioned.LambdaVersion ?? '');
  if (versioned && PreTokenGeneration !== undefined && PreTokenGeneration !== versioned.LambdaArn)
    throw invalid('PreTokenGeneration and the LambdaArn of PreTokenGenerationConfig must be the same.');
}

/** A versioned trigger for tokens shows as an unversioned one too. */
export function shownConfig(config: LambdaConfigType = {}): LambdaConfigType {
  const { PreTokenGenerationConfig: versioned } = config;
  return versioned ? { ...config, PreTokenGeneration: versioned.LambdaArn } : config;
}

/** The functions that a pool's LambdaConfig names. */
export function triggersOf(config: LambdaConfigType = {}, functions: SandboxFunctions): PoolTriggers {
  const { PreSignUp, PostConfirmation, PreTokenGenerationConfig: versioned } = config;
  const tokens = versioned?.LambdaArn ?? config.PreTokenGeneration;
  const isSecond = versioned?.LambdaVersion === 'V2_0';
  const call = (arn: string) => (event: object) => invokeByArn(functions, arn, event);
  return {
    ...(PreSignUp && { PreSignUp: call(PreSignUp) }),
    ...(PostConfirmation && { PostConfirmation: call(PostConfirmation) }),
    ...(tokens && { [isSecond ? 'PreTokenGenerationV2' : 'PreTokenGeneration']: call(tokens) }),
  };
}
