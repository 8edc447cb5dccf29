import { motoIsMissing } from '../../support/moto.js';
import type { Cloud, CloudName, CloudOptions } from '../cloud.js';
import { AWS_LACKS, awsCloud, awsIsRefused } from './aws.js';
import { MOTO_LACKS, motoCloud } from './moto.js';
import { sandboxCloud } from './sandbox.js';

export interface CloudKind {
  readonly name: CloudName;
  readonly lacks: CloudOptions['lacks'];
  /** Why it cannot be had here; null = it can. */
  readonly missing: () => string | null;
  readonly start: () => Promise<Cloud>;
}

export const KINDS: Readonly<Record<CloudName, CloudKind>> = {
  sandbox: { name: 'sandbox', lacks: {}, missing: () => null, start: sandboxCloud },
  moto: { name: 'moto', lacks: MOTO_LACKS, missing: () => motoIsMissing, start: motoCloud },
  aws: { name: 'aws', lacks: AWS_LACKS, missing: () => awsIsRefused(process.env), start: () => awsCloud(process.env) },
};

export function kindNamed(name: string): CloudKind {
  const kind = Object.values(KINDS).find((one) => one.name === name);
  if (!kind) throw new Error(`There is no cloud named ${name}: CLOUD is sandbox, moto or aws`);
  return kind;
}
