import { SetMetadata } from '@nestjs/common';

export const ACCESS = 'turnpike:access';
export type Access = 'public' | 'admin';

/** Needs no token. Without this, or AdminOnly, every route and root field needs a signed-in user. */
export const Public = () => SetMetadata(ACCESS, 'public' satisfies Access);

/** Needs a token of a member of the admin group. */
export const AdminOnly = () => SetMetadata(ACCESS, 'admin' satisfies Access);
