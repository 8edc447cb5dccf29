import { Field, ObjectType } from '@nestjs/graphql';

/** What every list with pages says of the page. */
@ObjectType({ description: 'Where a page of a list ends.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether there is more: ask again with `after: endCursor`.' })
  readonly hasNextPage: boolean;

  @Field(() => String, { nullable: true, description: 'The cursor of the last entry; null = the page is empty.' })
  readonly endCursor: string | null;

  constructor(hasNextPage: boolean, endCursor: string | null) {
    this.hasNextPage = hasNextPage;
    this.endCursor = endCursor;
  }
}
