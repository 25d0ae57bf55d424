import { followChanges, listenToChanges, showChanges } from './changes.js';
import { openAddressed, showCustomer } from './customer.js';
import { byId } from './dom.js';
import { listenToFind, showTypes } from './find.js';
import { languageNow, say, useLanguage } from './language.js';
import { followNumbers, showNumbers } from './numbers.js';

const speak = (language) => {
  useLanguage(language);
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  for (const element of document.querySelectorAll('[data-say]')) element.textContent = say(element.dataset.say);
  byId('language').textContent = say('other');
  byId('language').lang = language === 'zh' ? 'en' : 'zh-CN';
  byId('find-value').placeholder = language === 'zh' ? '例如 13900001111' : '+86 139 0000 1111';
  showTypes();
  showNumbers();
  showChanges();
  showCustomer();
};

byId('language').addEventListener('click', () => {
  const other = languageNow() === 'zh' ? 'en' : 'zh';
  localStorage.setItem('language', other);
  speak(other);
});
window.addEventListener('hashchange', openAddressed);
listenToFind();
listenToChanges();

speak(localStorage.getItem('language') ?? (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en'));
followChanges();
// The status names channels and types of identifiers: a customer that is shown before it has them as the file names them.
void followNumbers(showTypes).then(openAddressed);
