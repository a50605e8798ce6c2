export { Dialog, type DialogId, dialogKey, dialogKeyOf, type DialogState } from './dialog';
export { asRequestUri } from './request-uri';
export { asRoutes, type Routed, routeRequest } from './route';
