import { Extensions } from '@nestjs/graphql';

export const FROM_SOURCES = 'turnpike:fromSources';

/** What this process holds for reads: a customer as last seen, the plans, what AWS reported of all keys. */
export type SourceName = 'customer' | 'plans' | 'reports';

/**
 * A field whose code looks at nothing but these, its parent, the caller and the date: as long as they are the same, so is
 * what it answers, and the answer may be given again. Without this no answer that has the field in it is kept.
 */
export const FromSources = (...names: readonly SourceName[]) => Extensions({ [FROM_SOURCES]: names });
