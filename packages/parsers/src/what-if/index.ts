export { type Applied, type ApplyOptions, applyText } from './apply-text.js';
