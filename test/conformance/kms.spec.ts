import { DescribeKeyCommand, GenerateMacCommand, type GenerateMacCommandInput, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KMS_KEY } from '../../src/sandbox/kms/kms.js';
import { Sandbox } from '../../src/sandbox/server.js';

/** The rows name their source: DOC = AWS KMS API Reference, GenerateMac; RFC = the standard that it cites; INFERENCE = nobody says. */
describe('the sandbox’s KMS', () => {
  let sandbox: Sandbox;
  let kms: KMSClient;
  const ARN = `arn:aws:kms:us-east-1:000000000000:key/${KMS_KEY.id}`;

  beforeAll(async () => {
    sandbox = await Sandbox.start({ port: 0, directory: null });
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    kms = new KMSClient({ region: 'us-east-1', endpoint: sandbox.url, credentials, maxAttempts: 1 });
  });
  afterAll(async () => {
    kms.destroy();
    await sandbox.close();
  });

  const mac = (more: Partial<GenerateMacCommandInput> = {}) =>
    kms.send(
      new GenerateMacCommand({
        KeyId: KMS_KEY.id,
        Message: Buffer.from('text'),
        MacAlgorithm: 'HMAC_SHA_256',
        ...more,
      }),
    );

  it('answers the MAC, the algorithm and the key’s ARN [DOC]; 32 bytes [RFC 2104, 4231]', async () => {
    const { Mac, MacAlgorithm, KeyId } = await mac();
    expect({ bytes: Mac?.length, MacAlgorithm, KeyId }).toEqual({
      bytes: 32,
      MacAlgorithm: 'HMAC_SHA_256',
      KeyId: ARN,
    });
  });

  it('answers the same for the key’s id, ARN, alias and alias ARN [DOC], and another for another text [RFC 2104]', async () => {
    const { alias } = KMS_KEY;
    const names = [KMS_KEY.id, ARN, alias, `arn:aws:kms:us-east-1:000000000000:${alias}`];
    const macs = await Promise.all(
      names.map(async (KeyId) => Buffer.from((await mac({ KeyId })).Mac ?? []).toString('hex')),
    );
    expect(new Set(macs).size).toBe(1);
    expect(Buffer.from((await mac({ Message: Buffer.from('other') })).Mac ?? []).toString('hex')).not.toBe(macs[0]);
  });

  it.each([
    ['another id [DOC]', { KeyId: 'f0000000-0000-4000-8000-000000000000' }, 'NotFoundException'],
    ['another alias [DOC]', { KeyId: 'alias/another' }, 'NotFoundException'],
    ['an algorithm of other keys [DOC]', { MacAlgorithm: 'HMAC_SHA_512' }, 'InvalidKeyUsageException'],
    ['a text of 4,097 bytes [INFERENCE]', { Message: new Uint8Array(4097) }, 'ValidationException'],
  ] as const)('refuses %s', async (_, more, name) => {
    await expect(mac(more)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: 400 } });
  });

  it('refuses a key that is switched off [DOC], until it is on again', async () => {
    sandbox.kms.setEnabled(false);
    await expect(mac()).rejects.toMatchObject({ name: 'DisabledException', $metadata: { httpStatusCode: 400 } });
    sandbox.kms.setEnabled(true);
    expect((await mac()).Mac).toHaveLength(32);
  });

  it('answers 501 to operations that it does not have, and nothing without a signature', async () => {
    await expect(kms.send(new DescribeKeyCommand({ KeyId: KMS_KEY.id }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 501 },
    });
    const headers = { 'x-amz-target': 'TrentService.GenerateMac', 'content-type': 'application/x-amz-json-1.1' };
    const reply = await fetch(sandbox.url, { method: 'POST', headers, body: '{}' });
    expect(await reply.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
  });
});
