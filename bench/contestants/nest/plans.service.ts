import { Injectable } from '@nestjs/common';
import { allPlans } from '../shared/data.js';
import type { Plan } from './models.js';

@Injectable()
export class PlansService {
  findAll(): readonly Plan[] {
    return allPlans();
  }
}
