export { NamedTimers as ProtocolTimers } from '../../core';
