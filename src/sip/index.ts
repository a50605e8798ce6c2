export * from './message';
export * from './agent';
export * from './dialog';
export * from './transaction';
