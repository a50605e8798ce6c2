export { defectCatalogue, type DefectId, defectIds } from './catalogue';
export { DefectiveUserAgent } from './defective-user-agent';
