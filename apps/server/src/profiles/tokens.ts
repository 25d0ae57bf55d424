export const PROFILES = Symbol('Profiles');
export const CUSTOMER_COMMANDS = Symbol('CustomerCommands');
