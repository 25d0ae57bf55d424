import { customerViews } from './customer-views.js';
import { dailyViews } from './daily-views.js';
import { factViews } from './fact-views.js';
import { rfmViews } from './rfm-views.js';
import { type ViewSpec } from './table-spec.js';

export const views: readonly ViewSpec[] = [...customerViews, ...factViews, ...rfmViews, ...dailyViews];
