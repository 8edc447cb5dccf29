import { Injectable, type PipeTransform } from '@nestjs/common';
import * as z from 'zod';
import { BadUserInputError } from '../../problem.js';

const day = (name: string) => z.iso.date(`${name} must be a calendar day such as 2026-11-21`);

const query = z.object({
  plan: z.string('plan is missing: the code of a plan').regex(/^[a-z0-9-]{1,32}$/, 'plan must be the code of a plan'),
  from: day('from'),
  to: day('to'),
});

/** What a report is about, as the query of a URL says it. */
export type ReportQuery = z.output<typeof query>;

/** @throws BadUserInputError naming everything that is missing or wrong. */
@Injectable()
export class GivenReport implements PipeTransform<unknown, ReportQuery> {
  transform(given: unknown): ReportQuery {
    const { data, error } = query.safeParse(given);
    if (data) return data;
    throw new BadUserInputError(`${error?.issues.map(({ message }) => message).join('; ')}.`);
  }
}
