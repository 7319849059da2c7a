#include "data/files/checksum.h"

#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>
#include <vector>

#include "engine/base/error.h"

namespace mneme {

namespace {

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

std::string finish(EVP_MD_CTX* context) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned length = 0;
  EVP_DigestFinal_ex(context, digest.data(), &length);
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace

std::string md5_of_file(const std::filesystem::path& file) {
  std::error_code ignored;  // if this fails, opening the file fails as well, with a message
  const std::filesystem::file_type type = std::filesystem::status(file, ignored).type();
  const bool other = std::filesystem::exists(file, ignored) && type != std::filesystem::file_type::regular;
  MNEME_CHECK(!other, "{}: is not a plain file", file.string());
  std::ifstream in(file, std::ios::binary);
  MNEME_CHECK(in, "{}: cannot be opened; check that it exists and may be read", file.string());
  const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  MNEME_CHECK(EVP_DigestInit_ex(context.get(), EVP_md5(), nullptr) == 1,
              "OpenSSL offers no MD5 here (a FIPS configuration?); unpack the archive by hand instead");
  std::vector<char> block(1 << 20);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0)
    EVP_DigestUpdate(context.get(), block.data(), static_cast<size_t>(in.gcount()));
  MNEME_CHECK(in.eof(), "{}: reading stopped with an error; check the disk", file.string());
  return finish(context.get());
}

struct Sha256::State {
  Context context{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  MNEME_CHECK(EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr) == 1,
              "OpenSSL offers no SHA-256; check its installation");
}

Sha256::~Sha256() = default;

Sha256& Sha256::add(std::string_view bytes) {
  EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size());
  return *this;
}

std::string Sha256::hex() { return finish(state_->context.get()); }

std::string sha256(std::string_view bytes) { return Sha256().add(bytes).hex(); }

}  // namespace mneme
