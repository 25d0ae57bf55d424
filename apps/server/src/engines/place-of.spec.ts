import { expect, it } from '@jest/globals';
import { placeOf } from './place-of.js';

it.each([
  ['esdb://me:p%40ss@a:2113,b:2113?tls=false', 'a:2113,b:2113'],
  ['kafka://one:9092,two:9092/?prefix=x', 'one:9092,two:9092'],
  ['redis+sentinel://:secret@s1:26379,s2:26379/mymaster', 's1:26379,s2:26379'],
  ['https://me:secret@house:8443/tributary', 'house:8443'],
  ['http://[::1]:8123/x', '[::1]:8123'],
])('%s is at %s', (url, place) => expect(placeOf(url)).toBe(place));
