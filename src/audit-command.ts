import { verify } from './audit/archive/verification.js';

const USAGE = 'npm run --silent audit -- verify <file> [hash kept elsewhere]';

/** Looks whether an audit file is as it was written. Exits with 1 when it is not, with 2 when it cannot be read. */
async function main([command, file, kept, ...rest]: readonly string[]): Promise<void> {
  if (command !== 'verify' || file === undefined || rest.length > 0) throw new Error(USAGE);
  const { findings, ...result } = await verify(file, kept ?? null);
  process.stdout.write(`${JSON.stringify({ intact: findings.length === 0, ...result, findings }, null, 2)}\n`);
  if (findings.length > 0) process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
