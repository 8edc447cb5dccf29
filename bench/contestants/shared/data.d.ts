import type { Plan, Subscription, Usage, User } from '../nest/models.js';

export function customer(sub: string): (User & { subscription: Subscription; usage: Usage }) | undefined;
export function allPlans(): readonly Plan[];
