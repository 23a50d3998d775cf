using System;
using System.Collections.Generic;
using System.Text;

namespace EsgMailboxSync.Exchange
{
    /// <summary>
    /// Writes JSON lines as UTF-8 into one reused buffer and hands it on whenever it is full; a piece may end anywhere.
    /// A member without a value is left out: absent stays absent (design 4).
    /// </summary>
    internal sealed class RowWriter
    {
        /// <summary>Bytes of the longest thing that is written at once: an escaped character.</summary>
        private const int Longest = 6;

        private readonly Action<byte[], int> _feed;
        private readonly byte[] _buffer = new byte[64 * 1024];
        private int _length;

        /// <param name="feed">Takes the first so many bytes of a buffer, which is reused afterwards.</param>
        public RowWriter(Action<byte[], int> feed)
        {
            _feed = feed ?? throw new ArgumentNullException(nameof(feed));
        }

        /// <summary>Begins a line; every line has a kind.</summary>
        public void Begin(string kind)
        {
            Ascii("{\"kind\":");
            Quoted(kind);
        }

        /// <summary>Ends a line.</summary>
        public void End()
        {
            Ascii("}\n");
        }

        public void Member(string name, string value)
        {
            if (value != null)
            {
                Name(name);
                Quoted(value);
            }
        }

        public void Member(string name, bool? value)
        {
            if (value.HasValue)
            {
                Name(name);
                Ascii(value.Value ? "true" : "false");
            }
        }

        public void Member(string name, IReadOnlyList<string> values)
        {
            if (values == null)
            {
                return;
            }
            Name(name);
            Ascii("[");
            for (var i = 0; i < values.Count; i++)
            {
                if (i > 0)
                {
                    Ascii(",");
                }
                Quoted(values[i]);
            }
            Ascii("]");
        }

        /// <summary>Hands on what is still in the buffer.</summary>
        public void Flush()
        {
            if (_length > 0)
            {
                var length = _length;
                _length = 0;
                _feed(_buffer, length);
            }
        }

        private void Name(string name)
        {
            Ascii(",\"");
            Ascii(name);
            Ascii("\":");
        }

        private void Ascii(string text)
        {
            Reserve(text.Length);
            for (var i = 0; i < text.Length; i++)
            {
                _buffer[_length++] = (byte)text[i];
            }
        }

        private void Quoted(string text)
        {
            Ascii("\"");
            for (var i = 0; i < text.Length; i++)
            {
                Reserve(Longest);
                var c = text[i];
                if (c >= 0x80)
                {
                    i += Beyond(text, i) - 1;
                }
                else if (c == '"' || c == '\\')
                {
                    _buffer[_length++] = (byte)'\\';
                    _buffer[_length++] = (byte)c;
                }
                else if (c >= ' ')
                {
                    _buffer[_length++] = (byte)c;
                }
                else
                {
                    Escaped(c);
                }
            }
            Ascii("\"");
        }

        /// <summary>Writes the character beyond ASCII at an index and says how many UTF-16 units it took.</summary>
        private int Beyond(string text, int index)
        {
            if (char.IsSurrogatePair(text, index))
            {
                _length += Encoding.UTF8.GetBytes(text, index, 2, _buffer, _length);
                return 2;
            }
            if (char.IsSurrogate(text[index]))
            {
                // Half a pair has no UTF-8 form, and names cut at a length limit do end so.
                Escaped('\ufffd');
                return 1;
            }
            _length += Encoding.UTF8.GetBytes(text, index, 1, _buffer, _length);
            return 1;
        }

        private void Escaped(char c)
        {
            const string Digits = "0123456789abcdef";
            _buffer[_length++] = (byte)'\\';
            _buffer[_length++] = (byte)'u';
            for (var shift = 12; shift >= 0; shift -= 4)
            {
                _buffer[_length++] = (byte)Digits[(c >> shift) & 0xf];
            }
        }

        private void Reserve(int bytes)
        {
            if (_length + bytes > _buffer.Length)
            {
                Flush();
            }
        }
    }
}
