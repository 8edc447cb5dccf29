import { describe, expect, it } from '@jest/globals';
import { AccessDeniedError, AwsUnavailableError } from '../../aws/failures.js';
import { Made } from './made.js';

const answered = (name: string, httpStatusCode: number) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

describe('what a probe has made', () => {
  it.each([
    ['a right is missing', new AccessDeniedError('AdminCreateUser'), false],
    ['AWS refuses what was asked', answered('InvalidParameterException', 400), false],
    ['the name is taken, maybe by an attempt before', answered('UsernameExistsException', 400), true],
    ['AWS is asked too much', answered('TooManyRequestsException', 400), true],
    ['AWS has trouble of its own', answered('InternalErrorException', 500), true],
    ['no answer came', new AwsUnavailableError('AdminCreateUser', 1), true],
  ])('is in doubt, or is nothing, when %s', async (_, error, isInDoubt) => {
    const made = new Made();
    await expect(made.asking('visitor', () => Promise.reject(error))).rejects.toBe(error);
    expect(made.inDoubt.has('visitor')).toBe(isInDoubt);
  });
});
