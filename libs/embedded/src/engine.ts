/** As errors name it. */
export const ENGINE = 'embedded store';
