using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Security;
using System.Text;

namespace EsgMailboxSync.Interop
{
    /// <summary>A request as UTF-8 JSON. Secrets are written straight into it: no managed string ever holds one, the bytes do not move, and they are zeroed at the end.</summary>
    internal sealed class RequestBuffer : IDisposable
    {
        private byte[] _bytes;
        private GCHandle _pin;

        internal RequestBuffer(object request)
        {
            using (var stream = new MemoryStream())
            {
                Json.Write(request, stream);
                Hold(new byte[Math.Max(256, (int)stream.Length * 2)]);
                Length = (int)stream.Length;
                Buffer.BlockCopy(stream.GetBuffer(), 0, _bytes, 0, Length);
            }
        }

        /// <summary>First byte.</summary>
        internal IntPtr Pointer => _pin.AddrOfPinnedObject();

        /// <summary>Bytes in use.</summary>
        internal int Length { get; private set; }

        /// <summary>Adds a string member that is a secret; nothing when there is none.</summary>
        internal void AddSecret(string member, SecureString secret)
        {
            if (secret == null) { return; }
            BeginMember(member);
            var text = Marshal.SecureStringToGlobalAllocUnicode(secret);
            try { AppendText(text, secret.Length); }
            finally { Marshal.ZeroFreeGlobalAllocUnicode(text); }
            Append((byte)'}');
        }

        /// <summary>Adds a member that is an object with secrets of its own.</summary>
        internal void AddObject(string member, RequestBuffer value)
        {
            BeginMember(member);
            Reserve(value.Length);
            Buffer.BlockCopy(value._bytes, 0, _bytes, Length, value.Length);
            Length += value.Length;
            Append((byte)'}');
        }

        public void Dispose()
        {
            if (_bytes == null) { return; }
            Release();
            _bytes = null;
            Length = 0;
        }

        // Takes the closing brace away; the caller puts it back.
        private void BeginMember(string member)
        {
            Length--;
            var comma = _bytes[Length - 1] == (byte)'{' ? string.Empty : ",";
            foreach (var letter in Encoding.ASCII.GetBytes(comma + "\"" + member + "\":")) { Append(letter); }
        }

        private void AppendText(IntPtr utf16, int length)
        {
            Append((byte)'"');
            for (var index = 0; index < length; index++)
            {
                var unit = (char)Marshal.ReadInt16(utf16, index * sizeof(char));
                if (char.IsHighSurrogate(unit) && index + 1 < length)
                {
                    index++;
                    AppendPoint(char.ConvertToUtf32(unit, (char)Marshal.ReadInt16(utf16, index * sizeof(char))));
                }
                else if (unit < 0x20 || unit == '"' || unit == '\\')
                {
                    AppendEscape(unit);
                }
                else
                {
                    AppendPoint(unit);
                }
            }
            Append((byte)'"');
        }

        private void AppendEscape(char unit)
        {
            const string digits = "0123456789abcdef";
            foreach (var letter in "\\u00") { Append((byte)letter); }
            Append((byte)digits[unit >> 4]);
            Append((byte)digits[unit & 0xF]);
        }

        private void AppendPoint(int point)
        {
            if (point < 0x80)
            {
                Append((byte)point);
                return;
            }
            var trailing = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
            var lead = trailing == 1 ? 0xC0 : trailing == 2 ? 0xE0 : 0xF0;
            Append((byte)(lead | (point >> (6 * trailing))));
            for (var left = trailing - 1; left >= 0; left--) { Append((byte)(0x80 | ((point >> (6 * left)) & 0x3F))); }
        }

        private void Append(byte value)
        {
            Reserve(1);
            _bytes[Length++] = value;
        }

        private void Reserve(int count)
        {
            if (Length + count <= _bytes.Length) { return; }
            var larger = new byte[Math.Max(_bytes.Length * 2, Length + count)];
            var pin = GCHandle.Alloc(larger, GCHandleType.Pinned);
            Buffer.BlockCopy(_bytes, 0, larger, 0, Length);
            Release();
            _bytes = larger;
            _pin = pin;
        }

        private void Hold(byte[] bytes)
        {
            _bytes = bytes;
            _pin = GCHandle.Alloc(bytes, GCHandleType.Pinned);
        }

        private void Release()
        {
            Array.Clear(_bytes, 0, _bytes.Length);
            _pin.Free();
        }
    }
}
