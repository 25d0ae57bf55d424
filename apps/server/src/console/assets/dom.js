export const byId = (id) => document.getElementById(id);

/** Text only ever enters the page as text: what customers wrote is never read as markup. */
export const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};

/** `as`: how the time is written. */
export const timeOf = (text, as) => make('time', { dateTime: text ?? '', textContent: as(text) });
