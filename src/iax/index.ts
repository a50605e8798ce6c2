export * from './frame';
export * from './transfer';
