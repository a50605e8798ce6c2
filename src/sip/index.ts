export * from './auth';
export * from './message';
export * from './sdp';
export * from './agent';
export * from './dialog';
export * from './transaction';
export * from './subscription';
export * from './registration';
