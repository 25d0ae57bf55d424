import { expect, test } from '@jest/globals';
import { noise } from '../../controls/noise.js';
import { cityHash128 } from './city-hash.js';

const hex = (half: bigint): string => half.toString(16).padStart(16, '0');

// Told by go-faster/city 1.0.1 (CH128), which clickhouse-go checks blocks with.
test.each([
  [8, '0128292d306a7fa5', '1d684a374d7545ef'],
  [9, 'edb943b0608531a6', '0a416bfaaf46adc4'],
  [11, '1925d68da9695cf2', '3f2102f4e4750b1f'],
  [15, '617298f0b85b5642', '99a4ca1913977d0a'],
  [16, '3356439807c40da1', 'b697c39599ec20f4'],
  [17, 'e671a9d147762b46', '059001e1bc421965'],
  [19, '2f40e6b64d9d2264', '4f24c65e5719dfb6'],
  [20, 'b5f65d281c23e291', 'b4ec8a1dbf1e8459'],
  [24, '5e3f400e58982cca', '283d059f3265d729'],
  [25, '8834a52fd1544479', '71552814854d7c7c'],
  [32, '94e22f4172f2bdb0', 'c6d75fd1673a9c75'],
  [33, 'a434290673c0ff2e', '4626f89496faca17'],
  [40, 'ba4402323d5c734b', '13d0d2e7d4988eb4'],
  [48, '4d165bfdf113fc87', 'baf285c27923869e'],
  [100, '0e7d9cd9044c22b1', '1625c6a5db8a3d9e'],
  [143, '6fa70c7d5f61cc57', '55c7fcdcea01e85d'],
  [144, '4574fa4a9674c89a', 'acdc08cf5b43dcee'],
  [145, 'f1083209f6c2bb60', 'd6fd4a0c42471fe0'],
  [160, '8e9abd30b6568665', '797f1da9f31fc266'],
  [175, '27d9d559e5d95d98', 'cea6db52f9cfb2d7'],
  [176, 'e1081927af646ebd', 'cfcad86a30ceb41f'],
  [177, '37e91113641b66e0', '77a513a0bd1bc77a'],
  [200, '854941ec6da20334', '2a5a83fa653f801d'],
  [240, '6bf58b2162fa1c6f', 'a4155b8e6a3e66d9'],
  [271, '5188e25ba391f886', '712502c0911e0bfa'],
  [272, '739254b876bbc2a5', '95f9b2afeb760eef'],
  [300, '0d5426f4fe64f71c', '0fcc58a8159dff01'],
  [1000, '6778b36e06807607', 'b87be1a45c3dde59'],
  [5000, '3e2177bb4caba922', 'c28afb79396d6bfe'],
])('the checksum of %i bytes', (length, low, high) => {
  expect(cityHash128(noise(length)).map(hex)).toEqual([low, high]);
});
