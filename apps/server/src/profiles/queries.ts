import { Query } from '@nestjs/cqrs';
import { type CustomerId } from '@tributary/kernel';
import { type Profile } from '@tributary/domain';
import { type Explanation, type ListedCustomer, type TimelinePage, type When } from '@tributary/query';

export class FindCustomer extends Query<Profile | undefined> {
  constructor(
    readonly type: string,
    readonly value: string,
    readonly when: When,
  ) {
    super();
  }
}

export class GetCustomer extends Query<Profile | undefined> {
  constructor(
    readonly id: CustomerId,
    readonly when: When,
  ) {
    super();
  }
}

export class ListCustomers extends Query<readonly ListedCustomer[]> {
  constructor(
    readonly limit: number,
    readonly after: CustomerId | undefined,
  ) {
    super();
  }
}

export class ReadTimeline extends Query<TimelinePage | undefined> {
  constructor(
    readonly id: CustomerId,
    readonly limit: number,
    readonly before: string | undefined,
  ) {
    super();
  }
}

export class ExplainValue extends Query<Explanation | undefined> {
  constructor(
    readonly id: CustomerId,
    readonly path: string,
    readonly when: When,
  ) {
    super();
  }
}
