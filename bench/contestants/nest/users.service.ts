import { Injectable } from '@nestjs/common';
import { customer } from '../shared/data.js';
import type { Subscription, Usage, User } from './models.js';

@Injectable()
export class UsersService {
  async findOne(id: string): Promise<User> {
    return this.find(id);
  }

  async subscriptionOf(id: string): Promise<Subscription> {
    return this.find(id).subscription;
  }

  async usageOf(id: string): Promise<Usage> {
    return this.find(id).usage;
  }

  private find(id: string) {
    const found = customer(id);
    if (!found) throw new Error('There is no such user');
    return found;
  }
}
