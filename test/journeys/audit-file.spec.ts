import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { UnknownPositionError } from '../../src/audit/archive/audit-archive.js';
import { linesBackwards } from '../../src/audit/archive/backwards.js';
import { chained, readLine } from '../../src/audit/archive/chain.js';
import { FileArchive } from '../../src/audit/archive/file-archive.js';
import { FileLock } from '../../src/audit/archive/file-lock.js';
import { verify } from '../../src/audit/archive/verification.js';
import { AUDIT_VERSION, type AuditEvent } from '../../src/audit/audit-event.js';
import { LogSink } from '../../src/audit/audit-sink.js';
import { AuditTrail } from '../../src/audit/audit-trail.js';
import { createLogger } from '../../src/log.js';
import { Metrics } from '../../src/metrics.js';
import { ManualClock } from '../support/clouds.js';

const clock = new ManualClock();
describe('the audit trail in a file', () => {
  let folder = '';
  let path = '';
  const folders: string[] = [];

  beforeEach(() => {
    Logger.overrideLogger(false);
    folder = mkdtempSync(join(tmpdir(), 'audit-'));
    folders.push(folder);
    path = join(folder, 'audit.jsonl');
  });
  afterAll(() => {
    for (const each of folders) rmSync(each, { recursive: true });
  });

  function eventOf(number: number): AuditEvent {
    return {
      version: AUDIT_VERSION,
      id: `event-${number}`,
      at: clock.now().toISOString(),
      correlationId: `request-${number}`,
      actor: { sub: 'ada', username: 'ada', isAdmin: false },
      address: '127.0.0.1',
      userAgent: 'Ünïcode ✓',
      mutation: 'subscribe',
      target: 'ada',
      subject: { plan: 'free' },
      reason: null,
      before: null,
      after: null,
      keyIds: [],
      outcome: 'SubscriptionChanged',
      reference: null,
      awsRequestIds: [],
    };
  }

  async function opened(maxBytes = 1_000_000, keep = 20): Promise<FileArchive> {
    const archive = new FileArchive({ path, maxBytes, keep }, clock);
    await archive.onModuleInit();
    return archive;
  }

  /** One life of a process: writes events with those numbers, one after the other. */
  async function life(from: number, to: number, maxBytes?: number, keep?: number): Promise<void> {
    const archive = await opened(maxBytes, keep);
    for (let number = from; number <= to; number++) await archive.write(eventOf(number));
    await archive.onApplicationShutdown();
  }

  async function numbersIn(archive: FileArchive, before: string | null = null): Promise<number[]> {
    const numbers: number[] = [];
    for await (const { event } of archive.newestFirst(before, null)) numbers.push(Number(event.id.slice(6)));
    return numbers;
  }

  /** As the next life of the process would read them. */
  async function numbersKept(maxBytes?: number, keep?: number): Promise<number[]> {
    const archive = await opened(maxBytes, keep);
    const numbers = await numbersIn(archive);
    await archive.onApplicationShutdown();
    return numbers;
  }

  /** What another process of this machine would write into the lock. */
  async function lockOf(pid: number): Promise<string> {
    const elsewhere = join(folder, 'another.jsonl');
    const lock = await FileLock.take(elsewhere, clock);
    const content = readFileSync(`${elsewhere}.lock`, 'utf8');
    await lock.release();
    return content.replace(/^\d+/, String(pid));
  }

  /** What one of the same host name would, whose processes have ids of their own. */
  const inAnotherContainer = async (pid: number) => (await lockOf(pid)).replace(/\/[^/ ]* /, '/another ');

  /** A clock on which time goes by while somebody waits, and other things may happen. */
  function passing(meanwhile: () => void): ManualClock {
    const passing = new ManualClock();
    passing.sleep = async (milliseconds) => {
      passing.forward(milliseconds / 1000);
      meanwhile();
    };
    return passing;
  }

  const linesOf = (file = path) => readFileSync(file, 'utf8').trimEnd().split('\n');
  const write = (lines: readonly string[], file = path) => writeFileSync(file, `${lines.join('\n')}\n`);
  const downFrom = (high: number, low: number) => Array.from({ length: high - low + 1 }, (_, at) => high - at);
  const filesOf = (part: string) => readdirSync(folder).filter((name) => name.includes(part));

  describe('an audit file', () => {
    it('is one chain over restarts, each line as it was written', async () => {
      await life(1, 4);
      await life(5, 6);
      const result = await verify(path);
      expect(result).toMatchObject({ files: 1, lines: 6, first: 1, last: { seq: 6 }, findings: [], notes: [] });
      expect(readLine(linesOf()[4] ?? '')).toMatchObject({ seq: 5, event: { id: 'event-5' } });
    });

    it('holds events of one moment in the order in which they came', async () => {
      const archive = await opened();
      await Promise.all(Array.from({ length: 250 }, (_, at) => archive.write(eventOf(at + 1))));
      expect(await numbersIn(archive)).toEqual(downFrom(250, 1));
      await archive.onApplicationShutdown();
      expect((await verify(path)).findings).toEqual([]);
    });

    const changes: [string, (lines: string[]) => string[], RegExp][] = [
      [
        'a changed outcome',
        (all) => all.with(2, (all[2] ?? '').replace('SubscriptionChanged', 'UnknownPlan')),
        /line 3: .*changed/,
      ],
      ['a changed last line', (all) => all.with(5, (all[5] ?? '').replace('ada', 'eve')), /line 6: .*changed/],
      ['a changed first line', (all) => all.with(0, (all[0] ?? '').replace('ada', 'eve')), /line 1: .*changed/],
      ['a removed line', (all) => all.toSpliced(3, 1), /line 4: lines 4 to 4 are missing/],
      ['removed first lines', (all) => all.slice(2), /Lines 1 to 2 are missing/],
      [
        'two lines that changed places',
        (all) => all.with(1, all[2] ?? '').with(2, all[1] ?? ''),
        /line 3: .*comes after/,
      ],
      ['a line that is there twice', (all) => all.toSpliced(3, 0, all[2] ?? ''), /line 4: .*comes after/],
      ['an emptied line', (all) => all.with(3, ''), /line 4: .*changed/],
      ['a line made up to fit', (all) => all.with(3, forged(all[3] ?? '')), /line 5: .*not written after/],
    ];
    it.each(changes)('does not hide %s', async (_, change, finding) => {
      await life(1, 6);
      write(change(linesOf()));
      const { findings } = await verify(path);
      expect(findings.join('\n')).toMatch(finding);
    });

    it('does not hide lines taken off its end from whoever kept a hash', async () => {
      await life(1, 6);
      const { last } = await verify(path);
      write(linesOf().slice(0, 4));
      expect((await verify(path)).findings).toEqual([]);
      expect((await verify(path, last.hash)).findings).toEqual([expect.stringMatching(/No line has the hash/)]);
    });

    it('has its last hash in the log at each start, by which lines taken off its end are missed', async () => {
      const told: string[] = [];
      jest.spyOn(process.stdout, 'write').mockImplementation((text) => told.push(String(text)) > 0);
      Logger.overrideLogger(createLogger({ keySecrets: [], redisUrl: null, logLevel: 'log' }));
      await life(1, 6);
      await life(7, 8);
      jest.restoreAllMocks();
      const [, hash = ''] = /goes on after line 6, ([\da-f-]+)"/.exec(told.join('')) ?? [];
      expect((await verify(path, hash)).findings).toEqual([]);
      write(linesOf().slice(0, 5));
      expect((await verify(path, hash)).findings).toEqual([expect.stringMatching(/No line has the hash/)]);
    });

    it.each([1, 40, 2000])(
      'puts a last line aside that was cut off %i bytes before its end, and says so',
      async (missing) => {
        await life(1, 3);
        const whole = readFileSync(path);
        const from = whole.lastIndexOf(10, whole.length - 2) + 1;
        truncateSync(path, Math.max(from + 1, whole.length - missing));
        const torn = readFileSync(path).subarray(from);
        expect((await verify(path)).findings.join()).toMatch(/line 3: the last line is cut off/);
        await life(4, 5);
        const result = await verify(path);
        expect(result.findings).toEqual([]);
        expect(result.notes).toEqual([expect.stringContaining(`cut off after ${torn.length} bytes`)]);
        const [aside = ''] = filesOf('.torn-');
        expect(readFileSync(join(folder, aside))).toEqual(torn);
        expect(await numbersKept()).toEqual([5, 4, 2, 1]);
      },
    );

    /** Where Linux keeps a disk that is always full. */
    const FULL_DISK = '/dev/full';
    (existsSync(FULL_DISK) ? it : it.skip)(
      'leaves nothing beside it where there is no room to put one aside',
      async () => {
        await life(1, 3);
        truncateSync(path, readFileSync(path).length - 1);
        const torn = readFileSync(path);
        symlinkSync(FULL_DISK, `${path}.torn-${clock.now().toISOString().replaceAll(':', '-')}`);
        const archive = await opened();
        expect(filesOf('.torn-')).toEqual([]);
        expect(readFileSync(path)).toEqual(torn);
        await archive.write(eventOf(4)); // by now there is room
        await archive.onApplicationShutdown();
        expect(await numbersKept()).toEqual([4, 2, 1]);
      },
    );

    it('goes on after a last line that was changed, and does not heal it', async () => {
      await life(1, 3);
      write(linesOf().with(2, (linesOf()[2] ?? '').replace('ada', 'eve')));
      await life(4, 4);
      const { findings, notes, last } = await verify(path);
      expect(findings).toEqual([expect.stringMatching(/line 3: the line was changed/)]);
      expect(notes).toEqual([expect.stringContaining('not as it was written')]);
      expect(last.seq).toBe(5);
      expect(await numbersKept()).toEqual([4, 2, 1]);
    });

    it('begins anew when it is full, over restarts too, and deletes only the oldest, saying so', async () => {
      for (let start = 1; start < 120; start += 7) await life(start, start + 6, 10_000, 3);
      expect(filesOf('.0000')).toHaveLength(3);
      for (const name of filesOf('audit.jsonl')) expect(readFileSync(join(folder, name)).length).toBeLessThan(10_500);
      const result = await verify(path);
      expect([result.findings, result.files]).toEqual([[], 4]);
      expect(result.first).toBeGreaterThan(1);
      expect(result.notes.at(-1)).toContain('Deleted lines up to');
      const kept = await numbersKept(10_000, 3);
      expect(kept.length).toBeGreaterThan(30);
      expect(kept).toEqual(downFrom(119, 119 - kept.length + 1));
      rmSync(join(folder, filesOf('.0000')[1] ?? ''));
      expect((await verify(path)).findings[0]).toMatch(/are missing before it/);
    });

    it.each([20, 3])(
      'is found whole also where it got full, and of the full ones only %i were kept, while it was read',
      async (keep) => {
        await life(1, 40, 10_000);
        const oldest = join(folder, filesOf('.0000').sort()[0] ?? '');
        const [content, aside] = [readFileSync(oldest), `${oldest}.aside`];
        renameSync(oldest, aside);
        execFileSync('mkfifo', [oldest]); // whoever reads it goes on when somebody writes
        const verifying = verify(path);
        const reader = await open(oldest, 'w');
        await life(41, 120, 10_000, keep);
        if (existsSync(oldest)) renameSync(aside, oldest);
        await reader.writeFile(content);
        await reader.close();
        const { findings, last } = await verifying;
        expect(findings).toEqual([]);
        expect(last).toEqual((await verify(path)).last);
      },
    );

    it('misses the oldest full file, when somebody else removed it', async () => {
      await life(1, 60, 10_000, 10);
      rmSync(join(folder, filesOf('.0000')[0] ?? ''));
      expect((await verify(path)).findings).toEqual([expect.stringMatching(/^Lines 1 to \d+ are missing/)]);
    });

    it('belongs to one process: what a dead one left behind holds nobody up', async () => {
      writeFileSync(`${path}.lock`, await lockOf(process.ppid));
      await expect(opened()).rejects.toThrow(`belongs to process ${process.ppid}`);
      for (const gone of [4_000_000, process.pid]) {
        writeFileSync(`${path}.lock`, await lockOf(gone));
        await (await opened()).onApplicationShutdown();
        expect(filesOf('.lock')).toEqual([]);
      }
    });

    it.each([process.pid, 4_000_000])(
      'is not taken from a living holder in another container, whose ids say nothing here: %i',
      async (pid) => {
        const other = await inAnotherContainer(pid);
        writeFileSync(`${path}.lock`, other);
        const beating = passing(() => utimesSync(`${path}.lock`, beating.now(), beating.now()));
        await expect(FileLock.take(path, beating)).rejects.toThrow(`belongs to process ${pid} on ${hostname()}`);
        expect(readFileSync(`${path}.lock`, 'utf8')).toBe(other);
      },
    );

    it.each([0, 3600])(
      'is free a minute after a container was killed, whose clock was ahead by %i seconds',
      async (ahead) => {
        writeFileSync(`${path}.lock`, await inAnotherContainer(process.pid));
        const waiting = passing(() => {});
        const before = waiting.seconds();
        utimesSync(`${path}.lock`, before + ahead, before + ahead);
        await (await FileLock.take(path, waiting)).release();
        expect(waiting.seconds() - before).toBe(60);
        expect(filesOf('.lock')).toEqual([]);
      },
    );

    it('is left to whoever took it over first, when two find that its holder is gone', async () => {
      const other = await lockOf(process.ppid);
      writeFileSync(`${path}.lock`, await inAnotherContainer(1));
      const overtaken = new ManualClock();
      const now = overtaken.now.bind(overtaken);
      utimesSync(`${path}.lock`, overtaken.seconds() - 60, overtaken.seconds() - 60);
      overtaken.now = () => {
        writeFileSync(`${path}.lock`, other); // between the look at the lock and its removal
        return now();
      };
      await expect(FileLock.take(path, overtaken)).rejects.toThrow(`belongs to process ${process.ppid}`);
      expect(readFileSync(`${path}.lock`, 'utf8')).toBe(other);
      expect(filesOf('.lock')).toHaveLength(1);
    });

    it('is of no use in a folder that is not there: the start says so', async () => {
      path = join(folder, 'nowhere', 'audit.jsonl');
      await expect(opened()).rejects.toThrow(/AUDIT_FILE cannot be used: ENOENT/);
    });
  });

  describe('a disk that fails', () => {
    it('fails no mutation, is counted and told once a minute, and the file says what it missed', async () => {
      const archive = await opened();
      const metrics = new Metrics(clock);
      const trail = new AuditTrail(new LogSink(), archive, metrics, clock);
      const complaints: unknown[] = [];
      jest.spyOn(Logger.prototype, 'error').mockImplementation((line: unknown) => void complaints.push(line));
      await trail.record(eventOf(1));
      const handle = await open(path);
      const full = jest.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'appendFile');
      full.mockRejectedValue(new Error('ENOSPC: no space left on device'));
      await handle.close();
      for (let number = 2; number <= 5; number++) await trail.record(eventOf(number));
      expect(await metrics.registry.metrics()).toContain('turnpike_audit_failures_total{sink="file"} 4');
      expect(complaints).toEqual([expect.objectContaining({ sink: 'file' })]);
      expect(JSON.stringify(complaints)).toContain('ENOSPC');
      clock.forward(61);
      await trail.record(eventOf(6));
      expect(complaints).toHaveLength(2);
      full.mockRestore();
      await trail.record(eventOf(7));
      jest.restoreAllMocks();
      await archive.onApplicationShutdown();
      expect(await numbersKept()).toEqual([7, 1]);
      expect(await verify(path)).toMatchObject({ findings: [], notes: [expect.stringContaining('5 events')] });
    });
  });

  describe('a disk that is full when the process starts', () => {
    afterEach(() => void jest.restoreAllMocks());

    /** No lock can be written until the answer is called. */
    async function filled(code: string): Promise<() => void> {
      const handle = await open(folder);
      const error = Object.assign(new Error(`${code}: there is no room`), { code });
      const full = jest.spyOn(Object.getPrototypeOf(handle) as typeof handle, 'writeFile').mockRejectedValue(error);
      await handle.close();
      return () => full.mockRestore();
    }

    it.each(['ENOSPC', 'EDQUOT'])(
      'stops no start, which is told, and misses no event from when it has room: %s',
      async (code) => {
        await life(1, 2);
        const makeRoom = await filled(code);
        const told = jest.spyOn(Logger.prototype, 'error');
        const archive = await opened();
        expect(told.mock.calls.flat().join()).toContain(code);
        told.mockRestore();
        await expect(archive.write(eventOf(3))).rejects.toThrow(code);
        expect(filesOf('.lock')).toEqual([]);
        makeRoom();
        await archive.write(eventOf(4));
        expect(filesOf('.lock')).toEqual(['audit.jsonl.lock']);
        await archive.onApplicationShutdown();
        expect(await verify(path)).toMatchObject({ findings: [], notes: [expect.stringContaining('1 events')] });
        expect(await numbersKept()).toEqual([4, 2, 1]);
      },
    );

    it('lets no second process write where the first one does, once it has room', async () => {
      await life(1, 2);
      const kept = readFileSync(path);
      writeFileSync(`${path}.lock`, await lockOf(process.ppid));
      const makeRoom = await filled('ENOSPC');
      const archive = await opened();
      makeRoom();
      await expect(archive.write(eventOf(3))).rejects.toThrow(`belongs to process ${process.ppid}`);
      await archive.onApplicationShutdown();
      expect(readFileSync(path)).toEqual(kept);
      expect(filesOf('.lock')).toEqual(['audit.jsonl.lock']);
    });
  });

  describe('a disk that does not answer', () => {
    it('has the file say how many events were turned away, once it does', async () => {
      const archive = await opened();
      const handle = await open(path);
      const prototype = Object.getPrototypeOf(handle) as typeof handle;
      await handle.close();
      const { appendFile } = prototype;
      let answer = () => {};
      const answering = new Promise<void>((resolve) => {
        answer = resolve;
      });
      jest.spyOn(prototype, 'appendFile').mockImplementation(async function (this: typeof handle, ...args) {
        await answering;
        await appendFile.apply(this, args);
      });
      const outcomes: Promise<unknown>[] = [];
      for (let number = 1; number <= 10_004; number++) outcomes.push(archive.write(eventOf(number)).catch(() => 'not'));
      answer();
      expect((await Promise.all(outcomes)).filter((outcome) => outcome === 'not')).toHaveLength(3);
      jest.restoreAllMocks();
      await archive.onApplicationShutdown();
      expect(await verify(path)).toMatchObject({ findings: [], notes: [expect.stringContaining('3 events')] });
    });
  });

  describe('reading back', () => {
    it('finds every line of any file, whatever its pieces cut through', async () => {
      const line = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replaceAll('\n', ''));
      const long = fc.integer({ min: 65_000, max: 140_000 }).map((length) => 'ü'.repeat(length / 2));
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.oneof({ weight: 20, arbitrary: line }, { weight: 1, arbitrary: long })),
          fc.boolean(),
          async (lines, isTorn) => {
            writeFileSync(path, lines.map((text) => `${text}\n`).join('') + (isTorn ? 'cut off' : ''));
            const bytes = readFileSync(path);
            const file = await open(path);
            const found: string[] = [];
            for await (const { text, offset } of linesBackwards(file, bytes.length)) {
              found.push(text);
              expect(bytes.subarray(offset, offset + Buffer.byteLength(text)).toString()).toBe(text);
            }
            await file.close();
            expect(found).toEqual([...lines].reverse());
          },
        ),
        { numRuns: 150 },
      );
    });

    it('goes on where it stopped, although events come in and files get full meanwhile', async () => {
      const archive = await opened(10_000, 20);
      for (let number = 1; number <= 60; number++) await archive.write(eventOf(number));
      const seen: number[] = [];
      let position: string | null = null;
      for (let page = 0; page < 10; page++) {
        let left = 7;
        for await (const kept of archive.newestFirst(position, null)) {
          seen.push(Number(kept.event.id.slice(6)));
          position = kept.position;
          await archive.write(eventOf(1000 + page));
          if (--left === 0) break;
        }
      }
      expect(seen).toEqual(downFrom(60, 1));
      await archive.onApplicationShutdown();
    });

    it('ends where a file was deleted meanwhile, and knows positions of other files for what they are', async () => {
      const archive = await opened(10_000, 2);
      for (let number = 1; number <= 10; number++) await archive.write(eventOf(number));
      const first = await positionOf(archive, 5);
      for (let number = 11; number <= 90; number++) await archive.write(eventOf(number));
      expect(await numbersIn(archive, first)).toEqual([]);
      const recent = await positionOf(archive, 85);
      expect((await numbersIn(archive, recent)).slice(0, 3)).toEqual([84, 83, 82]);
      await archive.onApplicationShutdown();

      path = join(folder, 'another.jsonl');
      await life(1, 20);
      const another = await opened();
      await expect(numbersIn(another, await positionIn(another, recent))).rejects.toThrow(UnknownPositionError);
      await expect(numbersIn(another, 'nonsense')).rejects.toThrow(UnknownPositionError);
      await another.onApplicationShutdown();
    });

    it('shows no line that was changed, and says so in the log', async () => {
      await life(1, 3);
      write(linesOf().with(1, (linesOf()[1] ?? '').replace('ada', 'eve')));
      const archive = await opened();
      const told = jest.spyOn(Logger.prototype, 'error');
      expect(await numbersIn(archive)).toEqual([3, 1]);
      expect(told.mock.calls.flat().join()).toContain('was changed');
      told.mockRestore();
      await archive.onApplicationShutdown();
    });

    it('reads a part of a file only, when that is enough', async () => {
      await life(1, 3);
      const archive = await opened(100_000_000);
      for (let at = 0; at < 2000; at += 100) {
        await Promise.all(Array.from({ length: 100 }, (_, more) => archive.write(eventOf(4 + at + more))));
      }
      const file = await open(path);
      const reads = jest.spyOn(Object.getPrototypeOf(file) as typeof file, 'read');
      for await (const { event } of archive.newestFirst(null, null)) if (event.id === 'event-2000') break;
      expect(reads.mock.calls.length).toBe(1);
      reads.mockRestore();
      await file.close();
      await archive.onApplicationShutdown();
    });
  });

  async function positionOf(archive: FileArchive, number: number): Promise<string> {
    for await (const { event, position } of archive.newestFirst(null, null)) {
      if (event.id === `event-${number}`) return position;
    }
    throw new Error(`There is no event ${number}`);
  }

  /** The number and the place of one of its lines, with the hash of another file's line. */
  async function positionIn(archive: FileArchive, other: string): Promise<string> {
    const [seq, offset] = (await positionOf(archive, 10)).split('.');
    return `${seq}.${offset}.${other.split('.')[2]}`;
  }

  /** Somebody who knows how lines are made writes one with another event, and its own hash. */
  function forged(text: string): string {
    const line = readLine(text);
    if (!line || !('event' in line)) throw new Error('No event there');
    return chained({ seq: line.seq - 1, hash: line.prev }, { event: { ...line.event, outcome: 'Forged' } }).text;
  }
});
