import { importOrder } from './import-order.mjs';
import { injected } from './injected.mjs';

/** The house rules that no published lint plugin knows. */
export const houseRules = { meta: { name: 'call-lab' }, rules: { 'import-order': importOrder, injected } };
